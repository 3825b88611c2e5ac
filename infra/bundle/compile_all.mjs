// Runs compile_all.py in the Python of Lambda's version, which comes as a package (pyodide): no machine needs to have it.
// Arguments: compile_all.py, the file with the jobs, and the folder that all paths are in.
import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [program, jobs, root] = process.argv.slice(2);
const python = await loadPyodide({ env: { PYTHONHASHSEED: "0" } });
python.FS.mkdirTree(root);
python.FS.mount(python.FS.filesystems.NODEFS, { root }, root);
python.globals.set("jobs", python.toPy(JSON.parse(readFileSync(jobs, "utf8"))));
python.globals.set("__name__", "compile_all");
await python.runPythonAsync(readFileSync(program, "utf8"));
process.stdout.write(
  JSON.stringify({
    version: python.runPython("import sys; '%d.%d' % sys.version_info[:2]"),
    failed: python.runPython("compile_all(jobs)").toJs(),
  }),
);
