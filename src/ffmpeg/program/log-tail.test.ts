import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogTail, MAX_TAIL_BYTES, MAX_TAIL_LINE_LENGTH, MAX_TAIL_LINES } from './log-tail.ts'

function tailOf(...parts: readonly string[]): LogTail {
  const tail = new LogTail(['s3cr3t'])
  for (const part of parts) {
    tail.push(Buffer.from(part))
  }
  return tail
}

describe('The end of a log', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['lines', 'a\nb\r\nc\n', ['a', 'b', 'c']],
    ['a line without an end', 'a\nb', ['a', 'b']],
    ['lines that are written over each other', 'frame=1\rframe=2\r', ['frame=1', 'frame=2']],
    ['empty lines', '\n \n\ta\t\n', ['a']],
    ['colours and titles of a terminal', '\u001b[31mred\u001b[0m \u001b]0;title\u0007end', ['red end']],
    ['other control characters', 'a\u0000\u009bb\u007f\u2028', ['a b']],
    [
      'secrets, by their form and as they are known',
      'x?token=abc s3cr3t rtmp://u:p@h/',
      ['x?token=*** *** rtmp://***@h/'],
    ],
    ['bytes that are no text', '\ufffd\ufffd', ['\ufffd\ufffd']],
    ['more lines than are shown', '1\n2\n3\n4\n5\n6\n7\n', ['3', '4', '5', '6', '7']],
  ])('is shown as lines for people: %s', (_what, written, lines) => {
    expect(tailOf(written).lines).toEqual(lines)
  })

  it('is the same however it is cut', () => {
    const written = 'one\ntwo \u001b[1mé\u001b[0m\nthree s3cr3t\n'.repeat(2000)
    const bytes = Buffer.from(written)
    const { lines } = tailOf(written)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
        const tail = new LogTail(['s3cr3t'])
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        for (const [index, start] of places.slice(0, -1).entries()) {
          tail.push(bytes.subarray(start, places[index + 1]))
        }
        expect(tail.lines).toEqual(lines)
      }),
    )
  })

  it('is bounded, whatever is written', () => {
    expect(tailOf('x'.repeat(10 * MAX_TAIL_BYTES)).lines).toEqual([])
    const long = tailOf(`${'y'.repeat(MAX_TAIL_LINE_LENGTH + 1)}\n`).lines
    expect(long).toEqual([`${'y'.repeat(MAX_TAIL_LINE_LENGTH)}...`])
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 50 }), (parts) => {
        const { lines } = tailOf(...parts)
        expect(lines.length).toBeLessThanOrEqual(MAX_TAIL_LINES)
        expect(lines.join('')).not.toMatch(/\p{Cc}|s3cr3t/u)
      }),
    )
  })

  it('does not begin in the middle of a line', () => {
    expect(tailOf('a'.repeat(MAX_TAIL_BYTES), '\nwhole\n').lines).toEqual(['whole'])
  })

  it.each([
    ["Unknown encoder 'x'\nConversion failed!\n", "Unknown encoder 'x'"],
    [
      'rtmp://a/b: Connection refused\nError opening output files: see above\n',
      'Error opening output files: see above',
    ],
    ['a.flv: No such file or directory\n', 'a.flv: No such file or directory'],
    ['Stream #0:0\nConversion failed!\n', 'Conversion failed!'],
    ['all is well\nvideo:1kB\n', 'video:1kB'],
    ['', null],
  ])('has a line that tells most: of %j', (written, line) => {
    expect(tailOf(written).tellingLine).toBe(line)
  })
})
