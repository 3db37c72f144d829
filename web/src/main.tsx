import { render } from 'preact'
import './styles/base.css'
import './styles/layout.css'
import './styles/stage.css'
import './styles/parts.css'
import './styles/wall.css'
import './styles/motion.css'
import { App } from './components/app.tsx'
import { connectStore } from './store.ts'

const root = document.getElementById('app')
if (root !== null) {
  connectStore()
  render(<App />, root)
}
