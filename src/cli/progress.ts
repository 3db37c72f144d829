import process from 'node:process'

/** How often progress is shown, ms. */
const PROGRESS_INTERVAL_MS = 1000

/**
 * Shows a line on standard error once a second: on a terminal always in the same place, else line below line.
 * @returns ends it
 */
export function showProgress(describe: () => string): () => void {
  const { stderr } = process
  let shown = false
  const timer = setInterval(() => {
    stderr.write(stderr.isTTY ? `\r${describe()}\x1b[K` : `${describe()}\n`)
    shown = true
  }, PROGRESS_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    if (shown && stderr.isTTY) {
      stderr.write('\n')
    }
  }
}
