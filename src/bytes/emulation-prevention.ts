/**
 * Copies a NAL unit without its emulation_prevention_three_bytes (ISO/IEC 14496-10, 7.3.1; ISO/IEC 23008-2, 7.3.1.1), so that its fields can be read.
 * The NAL unit header stays in front.
 */
export function removeEmulationPrevention(nalUnit: Uint8Array): Uint8Array {
  const unescaped = new Uint8Array(nalUnit.length)
  let length = 0
  let zeros = 0
  for (const byte of nalUnit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    unescaped[length++] = byte
  }
  return unescaped.subarray(0, length)
}
