import { closeSync, writeSync } from 'node:fs'
import process from 'node:process'

/** How a start ended. */
export type StartReport = Readonly<{
  /** For people, with its line breaks. */
  text: string
  /** Exit code of the command; 0 if the server listens. */
  exitCode: number
}>

/** Says how the start ended: at the terminal, or through a pipe to the command that waits for it. Called once. */
export type ReportStart = (report: StartReport) => void

/** Says it to the person who started this process. */
export const reportToPerson: ReportStart = ({ text, exitCode }) => {
  if (exitCode === 0) {
    process.stdout.write(text)
  } else {
    process.stderr.write(text)
  }
}

/** Says it to the process at the other end of a pipe, which is closed then. */
export function reportThrough(pipe: number): ReportStart {
  return (report) => {
    try {
      writeSync(pipe, JSON.stringify(report))
      closeSync(pipe)
    } catch {
      // Whoever waited has been ended meanwhile: nobody wants to know, and the server goes on.
    }
  }
}

/** What came through the pipe; null if the process ended without a report. */
export function parseReport(text: string): StartReport | null {
  return text === '' ? null : JSON.parse(text)
}
