/**
 * Loads a module of ours only if it is, byte for byte, the one that this file was built with.
 *
 * `import()` takes no integrity; a preload does, and the import then takes what the preload has checked
 * (docs/decisions/0014-checked-chunks.md). `files` is the module and what it imports, as `name#integrity`, with a space
 * between them: build.mjs writes it. `folder` is where they stand, with its slash.
 */
export const load = async (files: string, folder: string): Promise<unknown> => {
  const [module] = await Promise.all(files.split(" ").map((file) => checked(folder + file)));
  return import(module as string);
};

function checked(file: string): Promise<string> {
  return new Promise((loaded, refused) => {
    const link = document.createElement("link");
    [link.href, link.integrity] = file.split("#") as [string, string];
    link.rel = "modulepreload";
    link.onload = () => {
      link.remove();
      loaded(link.href);
    };
    link.onerror = () => refused(Error(link.href));
    document.head.append(link);
  });
}
