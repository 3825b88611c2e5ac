"""What comes out of the browser's loudspeaker, measured in the page as energy."""

from playwright.sync_api import Page

_METER = """
(() => {
  window.loudness = 0;
  const play = HTMLMediaElement.prototype.play;
  const measure = ({ target }) => {
    const sound = target.captureStream();
    if (!sound.getAudioTracks().length) return;
    const meter = new AudioContext().createAnalyser();
    meter.context.createMediaStreamSource(sound).connect(meter);
    const wave = new Float32Array(meter.fftSize);
    setInterval(() => {
      meter.getFloatTimeDomainData(wave);
      const level = Math.sqrt(wave.reduce((sum, each) => sum + each * each, 0) / wave.length);
      window.loudness = Math.max(window.loudness, level);
    }, 20);
  };
  HTMLMediaElement.prototype.play = function () {
    this.removeEventListener("playing", measure);
    this.addEventListener("playing", measure);
    return play.call(this);
  };
})();
"""
_SPEECH = 0.01
"""Of full scale, as a mean over some 40 ms: well under quiet speech, and nothing that silence reaches."""


class Loudspeaker:
    """Hears every sound that the page plays from now on, whether a file or somebody's live voice."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.add_init_script(_METER)

    def expect_speech(self, seconds: float) -> None:
        """Forgets what was heard before, and waits for more."""
        self._page.evaluate("loudness = 0")
        self._page.wait_for_function(f"loudness > {_SPEECH}", timeout=seconds * 1000)
