/** A website of one page with routes, as React sites are: it puts the tag in on every route, and takes routes away. */

import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

/** What a site's layout does: the same tag again after each change of the route, twice in development. */
function useAssistant(path) {
  useEffect(() => {
    const tag = document.createElement("script");
    tag.async = true;
    tag.src = document.documentElement.dataset.embed;
    tag.dataset.company = "acme";
    document.body.append(tag);
    return () => tag.remove();
  }, [path]);
}

function Site() {
  const [path, setPath] = useState(location.pathname);
  useAssistant(path);
  useEffect(() => {
    const follow = () => setPath(location.pathname);
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  const go = (to) => (event) => {
    event.preventDefault();
    history.pushState({}, "", to);
    setPath(to);
  };
  return (
    <>
      <nav>
        <a href="/react" onClick={go("/react")}>Home</a> <a href="/react/demo" onClick={go("/react/demo")}>Demo</a>
      </nav>
      <h1>{path === "/react/demo" ? "Demo" : "Home"}</h1>
      {path === "/react/demo" && <ai-sdr company="globex" inline="" />}
    </>
  );
}

createRoot(document.getElementById("root")).render(<StrictMode><Site /></StrictMode>);
