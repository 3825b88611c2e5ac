/**
 * Loads a module of ours only if it is, byte for byte, the one that this file was built with.
 *
 * `import()` takes no integrity; a script element does, and the import then takes what the element has checked
 * (docs/decisions/0016-checked-chunks.md). `files` is the module and what it imports, as `name#integrity`, with a space
 * between them: build.mjs writes it. `folder` is where they stand, with its slash.
 */
export const load = (files: string, folder: string): Promise<unknown> =>
  Promise.all(files.split(" ").map((file) => checked(folder + file))).then(([module]) => import(module as string));

interface Policy {
  createScriptURL(address: string): string;
}
type Page = { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };

const rules: Policy = { createScriptURL: (own) => own };
/** Where a page demands Trusted Types, one of theirs; made when it is needed, for a page may allow each name once. */
let policy: Policy | undefined;

function checked(file: string): Promise<string> {
  return new Promise((loaded, refused) => {
    const script = document.createElement("script");
    const [address, integrity] = file.split("#") as [string, string];
    policy ??= (window as Page).trustedTypes?.createPolicy("ai-sdr", rules) ?? rules;
    script.type = "module";
    script.integrity = integrity;
    script.src = policy.createScriptURL(address);
    script.onload = () => loaded(address);
    script.onerror = refused;
    document.head.append(script);
    script.remove(); // it is on its way
  });
}
