import { once } from 'node:events'
import process from 'node:process'
import { emitKeypressEvents } from 'node:readline'
import { toError } from '../../base/index.ts'
import { printable } from '../printable.ts'
import { cutToWidth } from './text-width.ts'
import { FIRST_VIEW, formatTop, type Screen, type TopSnapshot, viewAfter } from './top-text.ts'

/** A screen of its own, without cursor; and back to that of before. */
const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const ERASE_LINE = '\x1b[K'
const ERASE_REST = '\x1b[J'

/** A key of the terminal. */
export type Key = Readonly<{ name?: string; ctrl?: boolean }>

/** The terminal that a server is shown on. */
export interface TopTerminal {
  /** How large it is now. */
  screen(): Screen
  /** Draws. */
  write(text: string): void
  /** Tells of keys and of another size until the returned function is called. */
  listen(onKey: (key: Key) => void, onResize: () => void): () => void
}

/** The terminal of this process. */
export const processTerminal: TopTerminal = {
  screen() {
    const { stdout } = process
    // One that does not know its size says 0.
    return { columns: stdout.columns || 80, rows: stdout.rows || 24, colors: stdout.hasColors() }
  },
  write(text) {
    process.stdout.write(text)
  },
  listen(onKey, onResize) {
    const { stdin, stdout } = process
    const onKeypress = (_text: string | undefined, key: Key): void => onKey(key)
    emitKeypressEvents(stdin)
    stdin.setRawMode(true)
    stdin.on('keypress', onKeypress)
    stdout.on('resize', onResize)
    return () => {
      stdin.off('keypress', onKeypress)
      stdout.off('resize', onResize)
      stdin.setRawMode(false)
      stdin.pause()
    }
  },
}

/** How a server is watched. */
export type TopOptions = Readonly<{
  /** Asks the server how it is. */
  look: () => Promise<TopSnapshot>
  terminal: TopTerminal
  /** How often it is asked, ms. */
  intervalMs: number
  /** Ends it, as a key does. */
  interruption: AbortSignal
}>

/**
 * Shows a server until a key or a signal ends it; then the terminal is as it was. What goes wrong after the first look is shown, and it
 * goes on.
 * @throws what the first look throws: nothing has been drawn then
 */
export async function showTop(options: TopOptions): Promise<void> {
  const { look, interruption } = options
  const first = await Promise.race([look(), once(interruption, 'abort').then(() => null)])
  if (first !== null && !interruption.aborted) {
    await showFrom(first, options)
  }
}

async function showFrom(
  first: TopSnapshot,
  { look, terminal, intervalMs, interruption }: TopOptions,
): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let view = FIRST_VIEW
  let snapshot = first
  let trouble: string | null = null
  let isLooking = false
  let isOver = false
  const draw = (): void => {
    if (isOver) {
      // What is on the screen now is somebody else's.
      return
    }
    const screen = terminal.screen()
    const lines = formatTop(snapshot, view, screen)
    const all = trouble === null ? lines : [cutToWidth(trouble, screen.columns), ...lines.slice(1)]
    terminal.write(`${HOME}${all.slice(0, screen.rows).join(`${ERASE_LINE}\r\n`)}${ERASE_LINE}${ERASE_REST}`)
  }
  const refresh = async (): Promise<void> => {
    if (isLooking) {
      // A slow server is not asked for more.
      return
    }
    isLooking = true
    try {
      snapshot = await look()
      trouble = null
    } catch (error) {
      trouble = printable(toError(error).message)
    }
    isLooking = false
    draw()
  }
  const onKey = ({ name = '', ctrl = false }: Key): void => {
    const after = ctrl && name === 'c' ? null : viewAfter(view, name, snapshot, terminal.screen())
    if (after === null) {
      end()
    } else {
      view = after
      draw()
    }
  }
  interruption.addEventListener('abort', () => end(), { once: true })
  terminal.write(ENTER)
  const unlisten = terminal.listen(onKey, draw)
  const timer = setInterval(() => void refresh(), intervalMs)
  try {
    draw()
    await ended
  } finally {
    isOver = true
    clearInterval(timer)
    unlisten()
    terminal.write(LEAVE)
  }
}
