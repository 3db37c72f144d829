import preact from '@preact/preset-vite'
import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  plugins: [preact()],
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
  },
})

export default config
