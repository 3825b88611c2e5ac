import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inline, parseMarkdown, plainText } from "../src/markdown";

function inline(source: string, partial = false): Inline[] {
  const [block] = parseMarkdown(source, partial);
  assert.equal(block?.kind, "paragraph");
  return block.kind === "paragraph" ? block.children : [];
}

test("an answer becomes paragraphs, lists and code", () => {
  const blocks = parseMarkdown("First.\nStill first.\n\n## Steps\n1. Connect\n2. Check\n\n- a\n- b\n\n```\n<b>x</b>\n```");

  assert.deepEqual(
    blocks.map((block) => block.kind),
    ["paragraph", "heading", "list", "list", "code"],
  );
  assert.deepEqual(blocks[2], {
    kind: "list",
    ordered: true,
    start: 1,
    items: [[{ kind: "text", text: "Connect" }], [{ kind: "text", text: "Check" }]],
  });
  assert.deepEqual(blocks[4], { kind: "code", text: "<b>x</b>", language: "" });
});

test("bold, italic, code and links nest as they are written", () => {
  const nodes = inline("**from `$49`** or _less_, see [the *guide*](https://a.example/guide)");

  assert.deepEqual(nodes, [
    { kind: "bold", children: [{ kind: "text", text: "from " }, { kind: "code", text: "$49" }] },
    { kind: "text", text: " or " },
    { kind: "italic", children: [{ kind: "text", text: "less" }] },
    { kind: "text", text: ", see " },
    {
      kind: "link",
      url: "https://a.example/guide",
      children: [{ kind: "text", text: "the " }, { kind: "italic", children: [{ kind: "text", text: "guide" }] }],
    },
  ]);
});

test("numbers in brackets are citations, alone, in a row or in one bracket", () => {
  const numbers = inline("Steps [1][2] and [3, 12].").flatMap((node) => (node.kind === "cite" ? [node.number] : []));

  assert.deepEqual(numbers, [1, 2, 3, 12]);
});

test("HTML stays text", () => {
  const source = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

  assert.deepEqual(inline(source), [{ kind: "text", text: source }]);
});

for (const address of [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  "data:text/html,<script>1</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:https://a.example/1",
]) {
  test(`a link to ${JSON.stringify(address)} keeps its words and loses its address`, () => {
    const nodes = inline(`[press](${address.replace("\t", "")})`);

    assert.ok(nodes.every((node) => node.kind !== "link"));
    assert.match(JSON.stringify(nodes), /press/);
  });
}

test("a bare web address is a link without the full stop behind it", () => {
  const link = inline("More on https://a.example/x?y=1.").find((node) => node.kind === "link");

  assert.equal(link?.kind === "link" && link.url, "https://a.example/x?y=1");
});

test("words with underscores and lone stars are left alone", () => {
  assert.deepEqual(inline("use snake_case_name and 2 * 3 * 4"), [
    { kind: "text", text: "use snake_case_name and 2 * 3 * 4" },
  ]);
});

test("while text streams, open marks are closed or hidden instead of shown", () => {
  assert.deepEqual(inline("from **$4", true), [
    { kind: "text", text: "from " },
    { kind: "bold", children: [{ kind: "text", text: "$4" }] },
  ]);
  assert.deepEqual(inline("billed per store [1", true), [{ kind: "text", text: "billed per store " }]);
  assert.deepEqual(inline("see [guide](https://a.ex", true), [{ kind: "text", text: "see " }]);
});

test("marks without an end stay text", () => {
  const source = `${"**a ".repeat(300)}${"[".repeat(300)}\``;

  const nodes = parseMarkdown(source);

  assert.match(JSON.stringify(nodes), /\[{300}/);
});

test("what is read out and copied has no marks and no citation numbers", () => {
  assert.equal(plainText("The **Growth** plan [1].\n\n1. One [2]\n2. Two"), "The Growth plan.\n\n1. One\n2. Two");
});

const TABLE = "Prices:\n| Plan | Price |\n|:--|--:|\n| **Growth** | $49 |\n| a \\| b | 1 | 9 |\n\nAfter.";

test("a table has a head, sides and rows of nodes", () => {
  const table = parseMarkdown(TABLE)[1];

  assert.ok(table?.kind === "table");
  assert.deepEqual(table.sides, ["start", "end"]);
  assert.deepEqual(table.rows[0]?.[0], [{ kind: "bold", children: [{ kind: "text", text: "Growth" }] }]);
  assert.deepEqual(table.rows[1]?.[0], [{ kind: "text", text: "a | b" }]);
  assert.deepEqual(parseMarkdown(TABLE).map(({ kind }) => kind), ["paragraph", "table", "paragraph"]);
});

test("a table goes onto the clipboard as spreadsheets take it", () => {
  assert.equal(plainText(TABLE).split("\n\n")[1], "Plan\tPrice\nGrowth\t$49\na | b\t1\t9");
});

test("a line that may become a table waits while text streams", () => {
  assert.deepEqual(parseMarkdown("Prices:\n| Plan | Pr", true).map(({ kind }) => kind), ["paragraph"]);
  assert.equal(parseMarkdown("| just a bar")[0]?.kind, "paragraph");
});
