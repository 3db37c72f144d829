import { render } from 'preact'
import 'bootstrap/dist/css/bootstrap.css'
import 'uplot/dist/uPlot.min.css'
import './styles/theme.css'
import './styles/shell.css'
import './styles/parts.css'
import './styles/tables.css'
import { App } from './components/app.tsx'
import { route, server } from './console.ts'
import { parseConsoleRoute } from './route.ts'
import { followTheme } from './theme.ts'

const root = document.getElementById('app')
if (root !== null) {
  followTheme()
  window.addEventListener('hashchange', () => {
    route.value = parseConsoleRoute(location.hash)
  })
  server.start()
  render(<App />, root)
}
