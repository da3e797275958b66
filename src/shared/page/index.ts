/** How the files of the screen are asked for and answered, whichever door serves them. */
export { pagePath, type PagePath } from './pagePath.ts'
export { securityHeaders } from './securityHeaders.ts'
