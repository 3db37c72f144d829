import { describe, expect, it } from 'vitest'
import { checkDependencies, type DependencyFiles } from './check-lockfile.ts'

const GOOD = {
  manifest: {
    scripts: { build: 'vite build web' },
    dependencies: { fastify: '5.12.8' },
    devDependencies: { '@types/ws': '8.18.2', vite: '8.3.8', '@scope/tool': '1.0.0-beta.1' },
    optionalDependencies: {},
  },
  lock: { '': {}, 'node_modules/fastify': { version: '5.12.8', integrity: 'sha512-x' } },
  page: '# Dependencies\n\n- `fastify`: serves HTTP.\n- `@types/ws`: types.\n* `vite`: builds.\n| `@scope/tool` | a tool |\n',
  sources: {
    'src/http/a.ts': `import fastify from 'fastify'\nimport type { Server } from 'ws'\nimport 'node:fs'`,
    'scripts/a.ts': `import '@scope/tool/part'\nimport './b.ts'\nimport 'simple-rtmp-server'`,
  } as Record<string, string>,
  others: [] as NonNullable<DependencyFiles['others']>,
}

/** Findings of the good example with changes. */
function problems(change: Partial<typeof GOOD>): string[] {
  const { manifest, lock, page, sources, others } = { ...GOOD, ...change }
  return checkDependencies({
    manifest: { path: 'package.json', text: JSON.stringify(manifest, null, 2) },
    lockfile: { path: 'package-lock.json', text: JSON.stringify({ packages: lock }, null, 2) },
    others,
    page: { path: 'docs/dependencies.md', text: page },
    sources: Object.entries(sources).map(([path, text]) => ({ path, text })),
  }).map((finding) => `${finding.path}:${finding.line} ${finding.message}`)
}

describe('checkDependencies', () => {
  it('has nothing to say where all is well', () => {
    expect(problems({})).toEqual([])
  })

  it.each(['^5.12.8', '~5.12.8', '5', '5.x', '*', 'latest', '>=5.0.0', 'https://example.org/fastify.tgz'])(
    'wants one exact version, not %s',
    (version) => {
      const found = problems({ manifest: { ...GOOD.manifest, dependencies: { fastify: version } } })
      expect(found).toEqual([`package.json:6 'fastify': '${version}' is not one exact version`])
    },
  )

  it.each(['http://example.org/a.tgz', 'https://example.org/a.tgz', 'git+ssh://example.org/a'])(
    'wants no address in the lock file: %s',
    (resolved) => {
      const lock = { 'node_modules/a': { version: '1.0.0', resolved, integrity: 'sha512-x' } }
      const found = problems({ lock: lock as unknown as typeof GOOD.lock })
      expect(found).toEqual([
        'package-lock.json:5 a download address; .npmrc keeps them out, remove the line',
      ])
    },
  )

  it('wants the same of packages of their own', () => {
    const manifest = { path: 'test/tool/package.json', text: '{ "dependencies": { "a": "^1.0.0" } }' }
    const lockfile = {
      path: 'test/tool/package-lock.json',
      text: '{ "packages": { "node_modules/a": { "version": "1.0.0" } } }',
    }
    expect(problems({ others: [{ manifest, lockfile }] })).toEqual([
      `test/tool/package.json:1 'a': '^1.0.0' is not one exact version`,
      `test/tool/package-lock.json:1 'node_modules/a' has no integrity hash`,
    ])
  })

  it('wants a hash for each package in the lock file, except links', () => {
    const lock = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { link: true } }
    const found = problems({ lock: lock as unknown as typeof GOOD.lock })
    expect(found).toEqual([`package-lock.json:3 'node_modules/a' has no integrity hash`])
  })

  it('wants a line for each dependency, and none for others', () => {
    expect(problems({ page: GOOD.page.replace('- `fastify`: serves HTTP.', '- `express`: gone.') })).toEqual([
      `docs/dependencies.md:1 'fastify' has no line that says why it is here`,
      `docs/dependencies.md:3 'express' is not a dependency`,
    ])
    expect(problems({ page: GOOD.page.replace(': serves HTTP.', '') })).toHaveLength(1)
  })

  it('wants each dependency used: imported, resolved, a transport, typed, or run', () => {
    const sources = {
      'scripts/a.ts': `resolve('@scope/tool/a.js')\nlog({ target: 'fastify', name: 'ws' }) // ws`,
    }
    expect(problems({ sources })).toEqual([`package.json:9 '@types/ws' is used nowhere`])
    const runs = { ...GOOD.sources, 'scripts/test.ts': `run('vite')` }
    expect(problems({ manifest: { ...GOOD.manifest, scripts: { build: 'make' } }, sources: runs })).toEqual(
      [],
    )
    expect(problems({ manifest: { ...GOOD.manifest, scripts: { build: 'make' } } })).toEqual([
      `package.json:10 'vite' is used nowhere`,
    ])
  })

  it('wants everything imported listed, and what is shipped in dependencies', () => {
    const sources = {
      ...GOOD.sources,
      'src/http/b.ts': `import 'unlisted/part'\nimport { a } from '@scope/tool'`,
      'src/http/b.test.ts': `import '@scope/tool'`,
    }
    expect(problems({ sources })).toEqual([
      `src/http/b.ts:1 imports 'unlisted', which package.json does not list`,
      `src/http/b.ts:2 imports '@scope/tool', which is not in 'dependencies'`,
    ])
  })
})
