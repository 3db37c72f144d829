/** What terminals draw two columns wide (Unicode UAX #11: Wide and Fullwidth), and pictures (UTS #51). */
const WIDE: RegExp =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u

/** What stands on the letter before it, or is not seen at all. */
const WITHOUT_WIDTH: RegExp = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** What most texts are made of: each is a column wide. */
const PLAIN: RegExp = /^[ -~]*$/

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : lettersOf(text).reduce((sum, { width }) => sum + width, 0)
}

/** A text that takes no more columns than that: what is cut off is shown by `…`. */
export function cutToWidth(text: string, width: number): string {
  if (widthOf(text) <= width) {
    return text
  }
  const parts = lettersOf(text)
  let rest = width - 1
  const isShown = (part: Letter): boolean => {
    rest -= part.width
    return rest >= 0
  }
  const end = parts.findIndex((part) => !isShown(part))
  return `${parts
    .slice(0, end)
    .map(({ letter }) => letter)
    .join('')}…`
}

type Letter = Readonly<{ letter: string; width: number }>

/** What is seen as one letter, though it may be written by several characters. */
function lettersOf(text: string): Letter[] {
  return Array.from(letters.segment(text), ({ segment }) => ({
    letter: segment,
    width: WITHOUT_WIDTH.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1,
  }))
}
