import { describe, expect, it } from 'vitest'
import type { Decision } from '../../live/index.ts'
import { AdmissionChain, type AdmissionLink } from './admission-chain.ts'
import { requestOf } from './testing/access-rig.ts'

const asked: string[] = []

function link(name: string, decide: () => Promise<Decision>): AdmissionLink {
  const ask = (): Promise<Decision> => {
    asked.push(name)
    return decide()
  }
  return { name, admission: { mayConnect: ask, mayPublish: ask, mayPlay: ask } }
}

async function decisionOf(...links: AdmissionLink[]): Promise<Decision> {
  asked.length = 0
  return await new AdmissionChain(links).mayPlay(requestOf())
}

const yes = async (): Promise<Decision> => ({ allowed: true })
const no = async (): Promise<Decision> => ({ allowed: false, reason: 'no' })

describe('an admission chain', () => {
  it('allows if every link does, and without links', async () => {
    expect(await decisionOf()).toEqual({ allowed: true })
    expect(await decisionOf(link('a', yes), link('b', yes))).toEqual({ allowed: true })
    expect(asked).toEqual(['a', 'b'])
  })

  it('ends at the first refusal, and names the link', async () => {
    expect(await decisionOf(link('a', yes), link('b', no), link('c', yes))).toEqual({
      allowed: false,
      reason: 'no',
      link: 'b',
      code: 'b',
    })
    expect(asked).toEqual(['a', 'b'])
  })

  it('leaves the names that a refusal has', async () => {
    const own: Decision = { allowed: false, reason: 'no', link: 'x', code: 'x_y', srsCode: 1052 }
    expect(await decisionOf(link('a', async () => own))).toEqual(own)
  })

  it.each([
    ['rejects', async () => Promise.reject(new Error('it is down'))],
    [
      'throws',
      () => {
        throw new Error('it is down')
      },
    ],
  ])('refuses if a link %s', async (_name, decide: () => Promise<Decision>) => {
    expect(await decisionOf(link('a', decide), link('b', yes))).toEqual({
      allowed: false,
      reason: 'admission failed: it is down',
      link: 'a',
      code: 'check_failed',
    })
    expect(asked).toEqual(['a'])
  })

  it('puts together what the links permit', async () => {
    const holdsFor = (): boolean => true
    const first = link('a', async () => ({ allowed: true, holdsFor, takeover: 'refuse' }))
    const second = link('b', async () => ({ allowed: true, takeover: 'replace' }))
    expect(await decisionOf(first, second)).toEqual({ allowed: true, holdsFor, takeover: 'replace' })
  })

  it('asks about clients, publishers and players apart', async () => {
    const admission = { mayConnect: no, mayPublish: yes, mayPlay: no }
    const chain = new AdmissionChain([{ name: 'a', admission }])
    expect(await chain.mayConnect(requestOf())).toEqual({
      allowed: false,
      reason: 'no',
      link: 'a',
      code: 'a',
    })
    expect(await chain.mayPublish(requestOf())).toEqual({ allowed: true })
    expect(await chain.mayPlay(requestOf())).toMatchObject({ allowed: false })
  })
})
