/** The panel's style sheet, in the order in which later rules may refine earlier ones. */

import adapt from "./adapt.css";
import answer from "./answer.css";
import base from "./base.css";
import controls from "./controls.css";
import launcher from "./launcher.css";
import log from "./log.css";
import reading from "./reading.css";
import select from "./select.css";

export const PANEL_STYLE = [launcher, base, log, select, controls, answer, reading, adapt].join("\n");
