import type { CheckReport, ProbeResult } from '../check/index.ts'

const MARKS = { pass: 'ok  ', fail: 'FAIL', unknown: '?   ' } as const

/** One probe in a line; a second says why if it did not pass. */
export function describeProbe({ id, title, reference, outcome, reason }: ProbeResult): string {
  const line = `${MARKS[outcome]}  ${id.padEnd(30)} ${title}`
  return outcome === 'pass' ? line : `${line}\n      ${reason}\n      asked for by: ${reference}`
}

/** How many of each, and how much went over the wire. */
export function describeCheck({ counts, probes, bytesSent, bytesReceived }: CheckReport): string {
  const sum = `${probes.length} probes: ${counts.pass} passed, ${counts.fail} failed, ${counts.unknown} unknown`
  return `${sum}; ${mebibytes(bytesSent)} sent, ${mebibytes(bytesReceived)} received`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
