import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import preact from '@preact/preset-vite'
import { defineConfig, type Plugin, type UserConfig } from 'vite'
import { keepUsed } from './build/used-css.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Leaves of Bootstrap what the console uses: a tenth. */
function usedBootstrap(): Plugin {
  return {
    name: 'used-bootstrap',
    enforce: 'pre',
    transform(code, id) {
      return id.endsWith('/bootstrap.css') ? { code: keepUsed(code, wordsOf('console')), map: null } : null
    },
  }
}

function wordsOf(folder: string): Set<string> {
  const paths = readdirSync(here(folder), { recursive: true, encoding: 'utf8' })
  const texts = paths
    .filter((path) => /\.(tsx?|html)$/.test(path))
    .map((path) => readFileSync(here(`${folder}/${path}`), 'utf8'))
  return new Set(texts.flatMap((text) => text.match(/[\w-]+/g) ?? []))
}

const config: UserConfig = defineConfig({
  plugins: [preact(), usedBootstrap()],
  // Relative, so that the page also works under a path of a reverse proxy.
  base: './',
  resolve: {
    // One rendition, no subtitles, no DRM: the light build of hls.js does all this page needs.
    alias: [{ find: /^hls\.js$/, replacement: 'hls.js/light' }],
  },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // The players' licences ask to be passed on with their code.
    license: { fileName: 'licenses.md' },
    rollupOptions: { input: [here('index.html'), here('console/index.html')] },
  },
})

export default config
