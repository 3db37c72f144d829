/**
 * A value of AMF 0 (Adobe AMF 0 specification, section 2), the encoding of RTMP commands and FLV script data.
 * XML documents are plain strings, "unsupported" is `undefined`, a typed object is an `Amf0Object` without its class name.
 */
export type Amf0Value =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | Amf0Object
  | Amf0EcmaArray
  | readonly Amf0Value[]

/**
 * An anonymous object (2.5). A decoded one has no prototype, so a property named `__proto__` or `toString` is a property
 * like any other. Properties keep the order of the wire, except that JavaScript moves names such as "0" and "12" to the front.
 */
export type Amf0Object = { readonly [name: string]: Amf0Value }

/** An ECMA array (2.10): an object by another marker. Kept apart so that what was received as one is sent as one. */
export class Amf0EcmaArray {
  /** The named values; the same as an object's properties. */
  readonly entries: Amf0Object

  /** @param entries kept, not copied; must not change afterwards */
  constructor(entries: Amf0Object) {
    this.entries = entries
  }
}

/** Containers (objects, ECMA and strict arrays) that may stand within one another; one alone has depth 1. */
export const MAX_AMF0_DEPTH = 32

/**
 * Values in one decode, those inside containers and those repeated by a reference included. Generous because recordings
 * list every keyframe in their metadata: two numbers each, so 9 hours with one keyframe a second.
 */
export const MAX_AMF0_VALUES = 65_536

/** Bytes of a property name in UTF-8 (the length field has 16 bits), after malformed sequences became U+FFFD. */
export const MAX_AMF0_NAME_BYTES = 65_535

/**
 * Bytes that references may repeat in one decode: without it a few kilobytes could stand for gigabytes once the values are
 * encoded or printed.
 */
export const MAX_AMF0_REFERENCED_BYTES = 1_048_576

/** Whether `value` is an object; false for null, dates, ECMA arrays and strict arrays. */
export function isAmf0Object(value: Amf0Value): value is Amf0Object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Amf0EcmaArray)
  )
}
