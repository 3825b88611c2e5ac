import assert from "node:assert/strict";
import { test } from "node:test";
import { LANGUAGES } from "../src/languages/all";
import { en, type Language } from "../src/languages/en";
import { HOSTED } from "../src/languages/hosted";
import { chooseTag, TAGS } from "../src/languages/tags";
import { clock, counted, fill, loadLocale, spokenSeconds } from "../src/locale";
import { Settings } from "../src/settings";
import { Store } from "../src/store";

const FOREIGN = await Promise.all(Object.entries(LANGUAGES).map(async ([tag, { load }]) => [tag, await load()] as const));
const MOST = 2000;

/** Every text with the path to it. */
function texts(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : texts(value as object, `${path}${key}.`),
  );
}

function names(text: string): string {
  return (text.match(/\{\w+\}/g) ?? []).sort().join();
}

test("there are fourteen languages, and each has a file of its own", () => {
  assert.equal(TAGS.length, 14);
  assert.deepEqual(["en", ...FOREIGN.map(([tag]) => tag)].sort(), [...TAGS].sort());
});

test("no language invents a {name}, and none leaves a sentence in English", () => {
  const english = new Map(texts(en));
  for (const [tag, words] of FOREIGN) {
    for (const [path, text] of texts(words)) {
      if (path.startsWith("characters")) continue; // by the forms of each language, below
      const original = english.get(path) ?? "";
      assert.equal(names(text), names(original), `${tag} ${path}`);
      if (original.split(" ").length > 3) assert.notEqual(text, original, `${tag} ${path}`);
      assert.equal(text, text.trim(), `${tag} ${path}`);
    }
  }
});

test("every language says that one talks with an AI", () => {
  const names: Record<string, RegExp> = {
    de: /KI/, fr: /IA/, es: /IA/, it: /IA/, pt: /IA/, tr: /[Yy]apay zekâ/, ar: /ذكاء اصطناعي|بالذكاء الاصطناعي/, he: /בינה מלאכותית/,
  };
  for (const [tag, { aiAssistant, withAi, assistant }] of [["en", en] as const, ...FOREIGN]) {
    for (const said of [aiAssistant, withAi, assistant]) assert.match(said, names[tag] ?? /AI/, tag);
  }
});

test("every language has the plural that each number up to the limit takes", () => {
  const forms = ["charactersLeft", "charactersOver"] as const;
  for (const [tag, words] of [["en", en as Language] as const, ...FOREIGN]) {
    const rules = new Intl.PluralRules(tag);
    const needed = new Set(Array.from({ length: MOST + 1 }, (_, count) => rules.select(count)));
    for (const form of forms) {
      for (const category of needed) assert.ok(words[form][category], `${tag} ${form}: ${category}`);
    }
  }
});

test("numbers, times and plurals are those of the language", async () => {
  const [polish, arabic, english, swiss] = await Promise.all(["pl", "ar-EG", "en", "de-CH"].map(loadLocale));
  assert.ok(polish && arabic && english && swiss);

  assert.equal(counted(polish.words.charactersLeft, 1, polish), "Został 1 znak");
  assert.equal(counted(polish.words.charactersLeft, 3, polish), "Zostały 3 znaki");
  assert.equal(counted(polish.words.charactersLeft, 12, polish), "Zostało 12 znaków");
  assert.equal(counted(arabic.words.charactersLeft, 2, arabic), "تبقَّى حرفان");
  assert.equal(counted(english.words.charactersLeft, 1999, english), "1,999 characters left");
  assert.match(counted(swiss.words.charactersLeft, 1999, swiss), /1['’]999/);
  assert.equal(clock(102, english), "1:42");
  assert.equal(clock(3723, english), "1:02:03");
  assert.equal(clock(102, arabic), "١:٤٢");
  assert.equal(spokenSeconds(30, polish), "30 sekund");
});

test("the page's wish wins, then what visitor and company share, then the company, then the browser", () => {
  assert.equal(chooseTag("it", ["de", "fr"], ["fr-CA"]), "it");
  assert.equal(chooseTag("tlh", ["de", "fr"], ["fr-CA"]), "fr-CA");
  assert.equal(chooseTag(null, ["de", "fr"], ["pl", "fr"]), "fr");
  assert.equal(chooseTag(null, ["de", "fr"], ["pl"]), "de");
  assert.equal(chooseTag(null, ["hi"], ["ja-JP"]), "ja-JP");
  assert.equal(chooseTag(null, [], []), "en");
});

test("an old or a wrong tag breaks nothing", async () => {
  assert.equal((await loadLocale("iw")).tag, "he");
  assert.equal((await loadLocale("iw")).direction, "rtl");
  assert.equal((await loadLocale("not a tag")).tag, "en");
  assert.equal((await loadLocale("zh-TW")).tag, "zh-Hans");
});

test("the hosted page says its sentences in each language, with the same names", () => {
  for (const [tag, words] of Object.entries(HOSTED)) {
    for (const [path, text] of texts(words)) {
      assert.equal(names(text), names(new Map(texts(HOSTED.en)).get(path) ?? ""), `${tag} ${path}`);
    }
  }
});

test("a value cannot bring a name of its own", () => {
  assert.equal(fill("{a} and {b}", { a: "{b}", b: "x" }), "{b} and x");
});

test("the language that was chosen last stays, however late an earlier one comes", async () => {
  const store = new Store(() => undefined);
  const settings = new Settings(store);

  await Promise.all([settings.speak("ar"), settings.speak("en")]);

  assert.equal(store.state.locale.tag, "en");
});

test("a language that is wished for while the company's profile comes stands above the browser's", async () => {
  const store = new Store(() => undefined);
  const settings = new Settings(store);
  await settings.suggest("fr");
  const suggested = store.state.locale.tag;
  const other = new Settings(store);

  await Promise.all([other.speak("de"), other.suggest("fr")]);

  assert.equal(suggested, "fr");
  assert.equal(store.state.locale.tag, "de");
});
