/* oxlint-disable typescript/no-require-imports -- Electron loads this file with require */
// Loaded into Electron before the app (`-r`): the app's start waits until the driver is connected. Without it the driver may connect in the
// very moment the first window is being made, and then waits for a page that never answers.
const { dirname, join } = require('node:path')

require(join(dirname(require.resolve('playwright-core/package.json')), 'lib', 'server', 'electron', 'loader.js'))
// The app sees the command line that its user would have given.
process.argv.splice(process.argv.indexOf('-r'), 2)
