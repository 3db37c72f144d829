import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PAGES, readBlocks, readPage } from '../support/docs.ts'
import { REPOSITORY } from '../support/program.ts'

/** Which test runs the blocks of a language; `text` is the output of the block before it. */
const RUN_BY: Readonly<Record<string, string>> = {
  sh: 'commands.test.ts, clusters.test.ts or demo.test.ts',
  text: 'commands.test.ts',
  ts: 'programs.test.ts',
  html: 'web-pages.test.ts',
  nginx: 'commands.test.ts or programs.test.ts',
}

/** Pages for people who use the server; the others are reference. */
const GUIDES = PAGES.filter((page) =>
  /^docs\/(access|api|clusters|command|configuration|demo|forward|publish|watch|play|embed|encrypt|exec|hooks|ingest|behind|listening|programs|reload|transcode|virtual)/.test(
    page,
  ),
)

describe('the guides', () => {
  it('are there: to publish, to watch, to play, to embed and to run', () => {
    expect(GUIDES.sort()).toEqual([
      'docs/access.md',
      'docs/api.md',
      'docs/behind-a-proxy.md',
      'docs/clusters.md',
      'docs/command-line.md',
      'docs/configuration.md',
      'docs/demo.md',
      'docs/embed.md',
      'docs/encrypt-with-tls.md',
      'docs/exec.md',
      'docs/forward.md',
      'docs/hooks.md',
      'docs/ingest.md',
      'docs/listening.md',
      'docs/play-and-publish.md',
      'docs/programs.md',
      'docs/publish-with-ffmpeg.md',
      'docs/publish-with-obs.md',
      'docs/reload.md',
      'docs/transcode.md',
      'docs/virtual-hosts.md',
      'docs/watch-in-a-web-page.md',
      'docs/watch-with-ffplay.md',
      'docs/watch-with-vlc.md',
    ])
  })

  it.each(GUIDES)('%s has something that is run, and nothing that is not', (page) => {
    const blocks = readBlocks(page)
    expect(blocks.length).toBeGreaterThan(0)
    const unknown = blocks.filter(({ language }) => RUN_BY[language] === undefined)
    expect(unknown.map(({ line, language }) => `${page}:${line} '${language}'`)).toEqual([])
  })

  it.each(GUIDES)('%s is a page, not a book', (page) => {
    expect(readPage(page).split('\n').length).toBeLessThanOrEqual(120)
  })

  it.each(GUIDES)('%s is in the index, and in the README', (page) => {
    expect(readPage('docs/README.md')).toContain(`](${page.replace('docs/', '')})`)
    expect(readPage('README.md')).toContain(`](${page})`)
  })
})

describe.each(PAGES)('%s', (page) => {
  it('links to files that are there', () => {
    const text = readPage(page).replace(/^```[\s\S]*?^```/gm, '')
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const files = targets
      .filter((target) => !/^(https?:|#)/.test(target))
      .map((target) => target.replace(/#.*/, ''))
    const missing = files.filter((file) => !existsSync(join(REPOSITORY, dirname(page), file)))
    expect(missing).toEqual([])
  })
})
