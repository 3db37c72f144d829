import { describe, expect, it } from 'vitest'
import { DEFAULT_VHOST } from '../base/index.ts'
import { defaultVhost, type Vhost, Vhosts } from './vhosts.ts'

function vhost(name: string, enabled: boolean = true): Vhost {
  return { ...defaultVhost, name, enabled }
}

describe('virtual hosts', () => {
  it.each([
    ['a.example', 'a.example'],
    ['A.Example:8080', 'a.example'],
    ['[2001:DB8::1]:1935', '2001:db8::1'],
    ['other.example', DEFAULT_VHOST],
    ['127.0.0.1', DEFAULT_VHOST],
    ['', DEFAULT_VHOST],
  ])('give who asks for %j that of %j', (requested, name) => {
    const vhosts = new Vhosts([vhost('a.example'), vhost('2001:db8::1'), defaultVhost])
    expect(vhosts.nameFor(requested)).toBe(name)
    expect(vhosts.resolve(requested)).toBe(vhosts.get(name))
  })

  it('deny a name that is not listed where there is no default one, and say what to do', () => {
    const vhosts = new Vhosts([vhost('a.example')])
    expect(vhosts.resolve('other.example')).toBeUndefined()
    const name = vhosts.nameFor('Other.example:80')
    expect(name).toBe('other.example')
    expect(vhosts.denial(name)).toEqual({
      code: 'vhost_unknown',
      reason:
        'there is no virtual host other.example, and no __defaultVhost__ for names that have none: add it to the settings (vhosts)',
    })
    expect(vhosts.denial(vhosts.nameFor('')).reason).toBe(
      'there is no virtual host __defaultVhost__: add it to the settings (vhosts)',
    )
  })

  it('deny one that is switched off, whichever name leads to it', () => {
    const vhosts = new Vhosts([vhost('a.example', false), vhost(DEFAULT_VHOST, false)])
    expect(vhosts.denial('a.example', 'A.example:1935')).toEqual({
      code: 'vhost_disabled',
      reason: "the virtual host a.example is switched off: set its 'enabled' to let clients in",
    })
    expect(vhosts.denial(DEFAULT_VHOST, '127.0.0.1').reason).toBe(
      "the virtual host __defaultVhost__, which 127.0.0.1 belongs to, is switched off: set its 'enabled' to let clients in",
    )
  })

  it('can be replaced while others hold on to the directory', () => {
    const vhosts = new Vhosts([vhost('a.example'), vhost('b.example')])
    vhosts.replace([vhost('b.example', false), vhost('c.example')])
    expect(vhosts.all.map(({ name }) => name)).toEqual(['b.example', 'c.example'])
    expect(['a.example', 'b.example'].map((name) => vhosts.denial(name).code)).toEqual([
      'vhost_unknown',
      'vhost_disabled',
    ])
    expect(vhosts.get('c.example')?.enabled).toBe(true)
  })
})
