import { describe, expect, it } from 'vitest'
import { httpRequest } from '../../../../test/support/http-requests.ts'
import { resolveApiAccess } from '../access-options.ts'
import { type ApiAnswer, bare, data } from '../endpoint.ts'
import { ReloadControl, type ReloadOutcome } from '../reload-control.ts'
import { reloadEndpoints } from './reload.ts'

const PLAN = { steps: [], cut: [], atNextStart: [] }

class Rig {
  readonly control = new ReloadControl()
  reloads = 0
  readonly #options

  constructor(rawApi: { enabled: boolean; allowReload: boolean }, outcome: ReloadOutcome = { plan: PLAN }) {
    this.#options = resolveApiAccess({ rawApi })
    this.control.use({
      plan: async () => outcome,
      reload: async () => {
        this.reloads++
        return outcome
      },
    })
  }

  async ask(method: string, path: string, isDoor = false): Promise<ApiAnswer | undefined> {
    const [name = '', query = ''] = path.split('?')
    const listener = () => ({ listen: '1985', crossdomain: true })
    const rows = reloadEndpoints({ control: this.control, access: { options: this.#options }, listener })
    const row = rows.find((each) => each.path === name && ['any', method].includes(each.method))
    const request = httpRequest(name.slice(1), { method, parameters: new URLSearchParams(query) })
    return await row?.handle(request, { isDoor })
  }
}

const ALLOWED = { enabled: true, allowReload: true }

describe('Reloading by the API', () => {
  it('tells the plan by GET, and by POST does it', async () => {
    const rig = new Rig(ALLOWED)
    expect(await rig.ask('GET', '/api/v1/reload')).toEqual(data({ data: PLAN }))
    expect(rig.reloads).toBe(0)
    expect(await rig.ask('POST', '/api/v1/reload')).toEqual(data({ data: PLAN }))
    expect(rig.reloads).toBe(1)
  })

  it('is begun by rpc=reload, and rpc=reload-fetch tells how far it is', async () => {
    const rig = new Rig(ALLOWED)
    expect(await rig.ask('GET', '/api/v1/raw?rpc=reload-fetch')).toMatchObject({
      body: { data: { state: 0 } },
    })
    expect(await rig.ask('GET', '/api/v1/raw?rpc=reload')).toEqual(bare({ code: 0 }))
    await new Promise((resolve) => setImmediate(resolve))
    const fetched = await rig.ask('GET', '/api/v1/raw?rpc=reload-fetch')
    expect(fetched).toMatchObject({ body: { code: 0, data: { err: 0, msg: 'Success', state: 90 } } })
    expect(rig.reloads).toBe(1)
  })

  it('tells faults with the code of SRS, 1023', async () => {
    const rig = new Rig(ALLOWED, { faults: 'line 3: no such directive\n' })
    for (const method of ['GET', 'POST']) {
      expect(await rig.ask(method, '/api/v1/reload')).toMatchObject({
        code: 1023,
        message: expect.stringContaining('line 3'),
      })
    }
    const fetched = await rig.ask('GET', '/api/v1/raw?rpc=reload-fetch')
    expect(fetched).toMatchObject({ body: { data: { err: 1023, state: 90 } } })
  })

  it.each([
    { enabled: false, allowReload: true },
    { enabled: true, allowReload: false },
  ])('is not allowed with %j, but for the door', async (rawApi) => {
    const rig = new Rig(rawApi)
    for (const [method, path] of [
      ['GET', '/api/v1/reload'],
      ['POST', '/api/v1/reload'],
      ['GET', '/api/v1/raw?rpc=reload'],
    ] as const) {
      expect(await rig.ask(method, path)).toMatchObject({ code: 1061 })
    }
    expect(rig.reloads).toBe(0)
    expect(await rig.ask('POST', '/api/v1/reload', true)).toEqual(data({ data: PLAN }))
  })
})
