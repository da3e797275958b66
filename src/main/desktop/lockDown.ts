import { app, session, type WebContents } from 'electron'
import { isAllowedRequest, isTrustedUrl } from './trust.ts'

/** Closes every way out of the app's own page: navigation, windows, frames, permissions, devices, requests. Call when the app is ready. */
export function lockDown(devUrl?: string): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, devUrl))
  const { defaultSession } = session
  // Electron grants permissions unless it is told not to.
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  defaultSession.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !isAllowedRequest(details.url, devUrl) }))
}

function lockContents(contents: WebContents, devUrl: string | undefined): void {
  const guard = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isTrustedUrl(event.url, devUrl)) event.preventDefault()
  }
  contents.on('will-navigate', guard)
  contents.on('will-redirect', guard)
  contents.on('will-frame-navigate', guard)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
