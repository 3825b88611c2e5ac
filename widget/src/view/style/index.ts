/** The panel's style sheet, in the order in which later rules may refine earlier ones. */

import adapt from "./adapt.css";
import base from "./base.css";
import cards from "./cards.css";
import controls from "./controls.css";
import forms from "./forms.css";
import launcher from "./launcher.css";
import log from "./log.css";
import video from "./video.css";
import voice from "./voice.css";

export const PANEL_STYLE = [launcher, base, log, cards, forms, controls, video, voice, adapt].join("\n");
