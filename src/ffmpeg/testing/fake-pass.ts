import type { ChildPass } from '../engine/index.ts'

/** A pass that says what becomes of it. */
export class FakePass implements ChildPass {
  readonly parameter: string
  readonly word: string
  readonly isNeeded: () => boolean
  isOpen = false

  constructor(word: string, isNeeded: () => boolean) {
    this.word = word
    this.isNeeded = isNeeded
    this.parameter = `srs_pass=${word}`
  }

  open(): void {
    this.isOpen = true
  }

  close(): void {
    this.isOpen = false
  }
}
