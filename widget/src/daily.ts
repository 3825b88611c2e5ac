/** The room SDK, unmodified, as an ES module of its own: fetched only when a visitor starts a video call. */

export { default } from "@daily-co/daily-js";
