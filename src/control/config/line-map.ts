import type { Place } from './statement.ts'

/** Turns offsets into a text to lines and columns. A line ends with LF, CR LF or CR. */
export class LineMap {
  readonly #file: string
  readonly #lineStarts: number[] = [0]

  /** @param file goes into every place */
  constructor(text: string, file: string) {
    this.#file = file
    for (const { 0: lineBreak, index } of text.matchAll(/\r\n?|\n/g)) {
      this.#lineStarts.push(index + lineBreak.length)
    }
  }

  /** The place of an offset in UTF-16 units. */
  placeOf(offset: number): Place {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] ?? 0) <= offset) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    return { file: this.#file, line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }
}
