/** What every answer begins with; a `code` other than 0 is an error. */
export type Envelope = Readonly<{
  code: number
  /** What was wrong; of errors. */
  message?: string
  server?: string
  /** New with every start of the server. */
  service?: string
  pid?: string
}>
