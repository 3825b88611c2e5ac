"""What may be wrong in a visitor's browser, made to happen: each is a script that runs before the page's own."""

MICROPHONES = """
    const given = (window.given = []);
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      if (window.refusal) throw new DOMException("refused", window.refusal);
      const stream = await ask(wish);
      given.push(...stream.getTracks());
      return stream;
    };
"""
"""Every track that the browser gave is in `window.given`; it gives none while `window.refusal` names a DOMException."""

UNPLUGGED = "given.filter((t) => t.kind === 'audio').forEach((t) => { t.stop(); t.dispatchEvent(new Event('ended')); })"
"""The microphone is pulled out; run in the page, after `MICROPHONES`."""

SOUND_BLOCKED = """
    window.blocked = true;
    const play = HTMLMediaElement.prototype.play;
    HTMLAudioElement.prototype.play = function () {
      return window.blocked ? Promise.reject(new DOMException("no gesture", "NotAllowedError")) : play.call(this);
    };
"""
"""Sound may not begin until `window.blocked` is false."""

NO_PICTURE = "Object.defineProperty(HTMLVideoElement.prototype, 'srcObject', { get: () => null, set: () => undefined })"
"""No frame of any video comes."""
