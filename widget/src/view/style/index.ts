/** The panel's style sheet, in the order in which later rules may refine earlier ones. */

import adapt from "./adapt.css";
import base from "./base.css";
import cards from "./cards.css";
import controls from "./controls.css";
import log from "./log.css";
import video from "./video.css";

export const PANEL_STYLE = [base, log, cards, controls, video, adapt].join("\n");
