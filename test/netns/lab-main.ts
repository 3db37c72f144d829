/** Makes a network of two machines, prints the processes that hold it, and waits to be ended. Run by `network-lab.test.ts`. */
import { FileScope } from '../support/server.ts'
import { NetworkLab } from './network-lab.ts'

const lab = await NetworkLab.create(new FileScope())
const nodes = [await lab.addNode('one'), await lab.addNode('two')]
process.stdout.write(
  `${JSON.stringify({ pids: lab.pids, addresses: nodes.map(({ address }) => address) })}\n`,
)
setInterval(() => {}, 1000)
