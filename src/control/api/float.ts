declare global {
  interface JSON {
    /** A JSON text as a value that `stringify` writes as it stands (ECMAScript 2026, 25.5.2). */
    rawJSON(text: string): object
  }
}

/** As `Float` is written. @param value a finite number */
export function formatFloat(value: number): string {
  return value.toFixed(2)
}

/** A number that is written with two decimals, as SRS writes those that its documentation calls float: 2 is `2.00`. */
export class Float {
  /** The number itself. */
  readonly value: number

  /** @param value a finite number */
  constructor(value: number) {
    this.value = value
  }

  /** What `JSON.stringify` writes. */
  toJSON(): object {
    return JSON.rawJSON(formatFloat(this.value))
  }
}
