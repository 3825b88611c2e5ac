/** The picture in a window of its own, which stays in sight on other pages. */

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./Icon";
import { useWords } from "./locale";

export function Apart({ picture }: { picture: { current: HTMLVideoElement | null } }) {
  const words = useWords();
  const [is, setIs] = useState(false);
  useEffect(() => {
    const video = picture.current;
    const look = () => setIs(video?.matches(":picture-in-picture") ?? false);
    video?.addEventListener("enterpictureinpicture", look);
    video?.addEventListener("leavepictureinpicture", look);
    return () => {
      video?.removeEventListener("enterpictureinpicture", look);
      video?.removeEventListener("leavepictureinpicture", look);
    };
  }, []);
  const toggle = () => {
    const going = is ? document.exitPictureInPicture() : picture.current?.requestPictureInPicture();
    going?.catch(() => setIs(false)); // the browser or the page forbids it; the picture stays where it is
  };
  return (
    <button type="button" class="apart" aria-label={words.pictureInPicture} title={words.pictureInPicture} aria-pressed={is} onClick={toggle}>
      <Icon name="apart" />
    </button>
  );
}
