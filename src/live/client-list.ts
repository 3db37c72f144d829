import type { Client } from './server-client.ts'

/** Clients of a block at most: a change moves the rest of one block, where in a list of tens of thousands it would move all. */
const MAX_BLOCK_LENGTH = 512

/** Clients in the order in which they came to the server, as who only looks sees them. */
export type ClientSequence = Pick<ClientList, 'length' | 'first' | 'slice'>

/**
 * Clients in the order in which they came to the server (`Client.ordinal`), whenever they are added. Who asks for a part of them pays
 * for that part only.
 */
export class ClientList {
  /** None of them is empty. */
  readonly #blocks: Client[][] = []
  #length = 0

  /** How many there are. */
  get length(): number {
    return this.#length
  }

  /** Who came first; undefined if there is nobody. */
  get first(): Client | undefined {
    return this.#blocks[0]?.[0]
  }

  /** Those from one place to before another, as of `Array.slice`: a list of its own. */
  slice(start: number, end: number): Client[] {
    const found: Client[] = []
    let before = 0
    for (const block of this.#blocks) {
      if (before >= end) {
        break
      }
      if (before + block.length > start) {
        found.push(...block.slice(Math.max(start - before, 0), end - before))
      }
      before += block.length
    }
    return found
  }

  /** Adds one that is not there. */
  add(client: Client): void {
    this.#length++
    const number = this.#blockOf(client.ordinal)
    const block = this.#blocks[number]
    if (block === undefined) {
      this.#blocks.push([client])
      return
    }
    const place = placeOf(client.ordinal, block)
    block.splice(place, 0, client)
    if (block.length > MAX_BLOCK_LENGTH) {
      // Where clients only come, at the end, blocks stay full.
      const kept = place === MAX_BLOCK_LENGTH ? MAX_BLOCK_LENGTH : MAX_BLOCK_LENGTH / 2
      this.#blocks.splice(number + 1, 0, block.splice(kept))
    }
  }

  /** Takes one away that is there. */
  remove(client: Client): void {
    this.#length--
    const number = this.#blockOf(client.ordinal)
    const block = this.#blocks[number] ?? []
    block.splice(placeOf(client.ordinal, block), 1)
    if (block.length === 0) {
      this.#blocks.splice(number, 1)
    }
  }

  /** The last block that begins with who came no later, or else the first one. */
  #blockOf(ordinal: number): number {
    let number = this.#blocks.length - 1
    while (number > 0 && (this.#blocks[number]?.[0]?.ordinal ?? 0) > ordinal) {
      number--
    }
    return Math.max(number, 0)
  }
}

/** Where the one of this ordinal is in a block, or would be. */
function placeOf(ordinal: number, block: readonly Client[]): number {
  let from = 0
  let to = block.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((block[middle]?.ordinal ?? 0) < ordinal) {
      from = middle + 1
    } else {
      to = middle
    }
  }
  return from
}
