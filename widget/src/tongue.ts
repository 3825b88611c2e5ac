/**
 * Which language a text is in, told by its script or its smallest words: a voice that reads another one cannot be
 * understood. Answers say it nowhere, and one that quotes material may change its language within.
 */

import { primary } from "./languages/tags";

/** A script that several languages share is taken for the first of them that the company offers. */
const SCRIPTS: [RegExp, string][] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, "ja"],
  [/\p{Script=Han}/u, "zh"],
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Cyrillic}/u, "ru uk bg sr mk be"],
  [/\p{Script=Greek}/u, "el"],
  [/\p{Script=Hebrew}/u, "he"],
  [/\p{Script=Arabic}/u, "ar fa ur"],
  [/\p{Script=Thai}/u, "th"],
  [/\p{Script=Devanagari}/u, "hi mr ne"],
];

const SMALL_WORDS: Record<string, string> = {
  en: "the is are of to and you your we for with it that this our can from not have be what how on an or in a at do",
  de: "der die das ist sind und ein eine nicht sie wir für mit von zu im den dem auf auch bei wird steht unser ihre kann ich was noch gern haben",
  fr: "le la les des est sont et un une pour avec vous nous du dans sur que qui pas votre notre de il au je ce par",
  es: "el la los las es son y un una para con usted de en que del por su se no lo nuestro puede más al está",
  it: "il lo la gli le è sono e un una per con di che non del della nel si può da i alla",
  pt: "o a os as é são e um uma para com você de que não do da em no na se por mais seu",
  nl: "de het een is zijn en van voor met niet u wij op in dat te kan ook bij uw onze",
  tr: "ve bir bu için ile çok olarak daha gibi nasıl kadar değil sonra her olan var yok ne kaç göre olur",
  pl: "jest są i w na z do nie się to dla jak czy o że od lub można",
};
const WORDS = Object.entries(SMALL_WORDS).map(([tongue, words]) => [tongue, new Set(words.split(" "))] as const);

/** The tag to read a text with, in the spelling of `offered` where it stands there; null when it cannot be told. */
export function tagOf(text: string, offered: readonly string[]): string | null {
  const tongue = tongueOf(text, offered.map(primary));
  return tongue && (offered.find((tag) => primary(tag) === tongue) ?? tongue);
}

function tongueOf(text: string, offered: readonly string[]): string | null {
  const letters = text.match(/\p{L}/gu) ?? [];
  for (const [script, shared] of SCRIPTS) {
    // Japanese is written with a third of its own letters and the rest in Han.
    if (letters.filter((letter) => script.test(letter)).length <= letters.length / 4) continue;
    const tongues = shared.split(" ");
    return tongues.find((each) => offered.includes(each)) ?? tongues[0] ?? null;
  }
  const said = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [best, next] = WORDS.map(([tongue, small]) => ({ tongue, found: said.filter((word) => small.has(word)).length }))
    .sort((one, other) => other.found - one.found);
  return best && best.found >= 2 && best.found > (next?.found ?? 0) ? best.tongue : null;
}
