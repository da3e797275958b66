import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchDesktop, type Desktop } from './launchDesktop.ts'

let desktop: Desktop

beforeAll(async () => {
  desktop = await launchDesktop()
})
afterAll(() => desktop.close())

const inPage = <T>(work: () => T | Promise<T>): Promise<T> => desktop.page.evaluate(work)

describe('the page', () => {
  test('is our own, isolated, and cannot load anything from outside (S1)', async () => {
    expect(desktop.page.url()).toMatch(/^app:\/\/bundle\//)
    const facts = await inPage(() => ({ isolated: crossOriginIsolated, secure: isSecureContext, shared: typeof SharedArrayBuffer }))
    expect(facts).toEqual({ isolated: true, secure: true, shared: 'function' })
    const outside = await inPage(async () => {
      const addresses = ['https://example.com/', 'http://127.0.0.1:9/', 'file:///etc/passwd', 'app://other/index.html']
      return Promise.all(
        addresses.map((url) =>
          fetch(url).then(
            () => `${url} was loaded`,
            () => 'refused'
          )
        )
      )
    })
    expect(new Set(outside)).toEqual(new Set(['refused']))
    const socket = await inPage(
      () =>
        new Promise<string>((done) => {
          try {
            const opened = new WebSocket('ws://127.0.0.1:9/')
            opened.onopen = () => done('opened')
            opened.onerror = () => done('refused')
          } catch {
            done('refused')
          }
        })
    )
    expect(socket).toBe('refused')
  })

  test('has no Node, a sandbox, and strict web preferences (S2)', async () => {
    const types = await inPage(() => ['require', 'process', 'module', 'Buffer', 'global'].map((name) => typeof (globalThis as never)[name]))
    expect(new Set(types)).toEqual(new Set(['undefined']))
    const preferences = await desktop.app.evaluate(({ webContents }) => {
      const page = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith('app://'))
      // Electron has this method and does not declare it.
      return (page as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()
    })
    expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true })
    expect(preferences['nodeIntegrationInSubFrames']).not.toBe(true)
    expect(preferences['nodeIntegrationInWorker']).not.toBe(true)
    expect(preferences['webviewTag']).not.toBe(true)
    expect(preferences['allowRunningInsecureContent']).not.toBe(true)
  })

  test('runs no code but its own files, and every file says so (S4)', async () => {
    const found = await inPage(async () => {
      const violations: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
      let evaluated = 'ran'
      // What a debugger evaluates may use eval; what a timer calls is the page's own again.
      await new Promise((done) => setTimeout(done))
      try {
        // oxlint-disable-next-line no-eval -- what is tested is that it cannot run
        ;(0, eval)('1')
      } catch {
        evaluated = 'refused'
      }
      const script = document.createElement('script')
      script.textContent = 'window.injected = true'
      document.head.append(script)
      const frame = document.createElement('iframe')
      frame.src = 'data:text/html,hi'
      document.body.append(frame)
      for (const end = performance.now() + 20_000; !violations.includes('frame-src') && performance.now() < end;)
        await new Promise((done) => setTimeout(done, 50))
      frame.remove()
      return { evaluated, injected: 'injected' in window, violations }
    })
    expect(found).toMatchObject({ evaluated: 'refused', injected: false })
    expect(found.violations).toEqual(expect.arrayContaining(['script-src', 'script-src-elem', 'frame-src']))
    const headers = await inPage(async () => {
      const script = document.querySelector<HTMLScriptElement>('script[src]')?.src ?? ''
      const responses = await Promise.all([fetch('/'), fetch(script)])
      return responses.map((response) => ({
        ok: response.ok,
        csp: response.headers.get('content-security-policy'),
        sniff: response.headers.get('x-content-type-options'),
        type: response.headers.get('content-type')
      }))
    })
    for (const header of headers)
      expect(header).toMatchObject({ ok: true, csp: expect.stringContaining("default-src 'none'"), sniff: 'nosniff' })
    expect(headers.map((header) => header.type)).toEqual(['text/html; charset=utf-8', 'text/javascript; charset=utf-8'])
  })

  test('stays where it is (S5)', async () => {
    const home = desktop.page.url()
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://other/', 'javascript:void(document.title="moved")']) {
      await desktop.page.evaluate((to) => void (location.href = to), url).catch(() => undefined)
      await desktop.page.waitForTimeout(200)
      expect(desktop.page.url()).toBe(home)
      expect(await desktop.page.title()).not.toBe('moved')
    }
  })

  test('opens no second window and no view inside (S6)', async () => {
    const opened = await inPage(() => ['https://example.com/', 'app://bundle/', 'about:blank'].map((url) => window.open(url)))
    expect(opened).toEqual([null, null, null])
    await inPage(() => {
      const view = document.createElement('webview')
      view.setAttribute('src', 'https://example.com/')
      document.body.append(view)
    })
    await desktop.page.waitForTimeout(300)
    expect(desktop.app.windows()).toHaveLength(1)
    expect(await desktop.app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1)
  })

  test('is granted no permission (S7)', async () => {
    const states = await inPage(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi', 'persistent-storage']
      return Promise.all(
        names.map((name) =>
          navigator.permissions.query({ name: name as PermissionName }).then(
            (s) => s.state,
            () => 'denied'
          )
        )
      )
    })
    expect(states).not.toContain('granted')
    const asked = await inPage(async () => {
      const refusal = (work: Promise<unknown>): Promise<string> =>
        Promise.race([
          work.then(
            () => 'granted',
            () => 'refused'
          ),
          new Promise<string>((done) => setTimeout(() => done('no answer'), 3000))
        ])
      const { hid, usb } = navigator as unknown as Record<
        'hid' | 'usb',
        { requestDevice(options: unknown): Promise<unknown[]> } | undefined
      >
      const device = async (of: typeof hid): Promise<void> => {
        const found = await of?.requestDevice({ filters: [] })
        if (found === undefined || found.length === 0) throw new Error('none')
      }
      return Promise.all([
        refusal(navigator.mediaDevices.getUserMedia({ video: true })),
        refusal(navigator.clipboard.readText()),
        refusal(device(hid)),
        refusal(device(usb)),
        refusal(new Promise((done, fail) => navigator.geolocation.getCurrentPosition(done, fail))),
        refusal(Notification.requestPermission().then((state) => (state === 'granted' ? undefined : Promise.reject(new Error(state)))))
      ])
    })
    expect(asked).not.toContain('granted')
  })

  test('asks for files of the app only, by no spelling of a path (S10)', async () => {
    const statuses = await inPage(async () => {
      const paths = ['/..%2fmain%2findex.js', '/%2e%2e/main/index.js', '/..%5cmain%5cindex.js', '/index.html%00', '/nothing.js', '/%']
      const gets = paths.map((path) =>
        fetch(`app://bundle${path}`).then(
          (r) => r.status,
          () => 0
        )
      )
      return Promise.all([
        ...gets,
        fetch('/', { method: 'POST' }).then(
          (r) => r.status,
          () => 0
        )
      ])
    })
    for (const status of statuses) expect([0, 400, 403, 404, 405]).toContain(status)
    expect(statuses[0]).toBe(403)
    expect(await inPage(() => fetch('/').then((r) => r.status))).toBe(200)
  })

  test('is given four named methods (S11)', async () => {
    const methods = await inPage(() =>
      Object.entries((window as unknown as { studio: object }).studio).map(([name, value]) => `${name}: ${typeof value}`)
    )
    expect(methods.sort()).toEqual(['call: function', 'openFrames: function', 'pathForFile: function', 'platform: string'])
  })
})

describe('what the page asks for', () => {
  const call = (command: unknown): Promise<{ ok: boolean; failure?: { code: string; message: string } }> =>
    desktop.page.evaluate((asked) => (window as unknown as { studio: { call(c: unknown): Promise<never> } }).studio.call(asked), command)

  test('is checked, and a refusal is one sentence without a stack (S9)', async () => {
    expect(await call({ cmd: 'session_get' })).toMatchObject({ ok: true })
    const bad = [
      null,
      5,
      'session_get',
      {},
      [],
      { cmd: 'rm' },
      { cmd: '__proto__' },
      { cmd: 'library_add' },
      { cmd: 'library_add', path: 5 },
      { cmd: 'replay_seek', relNs: 'x' }
    ]
    for (const command of bad) {
      const reply = await call(command)
      expect(reply.ok).toBe(false)
      expect(reply.failure?.message).not.toMatch(/\n\s+at /)
    }
  })

  test('cannot read a file that is no recording (S9)', async () => {
    for (const path of ['/etc/passwd', '/etc', `${desktop.folder}/../../etc/passwd`, '/proc/self/environ', '/nowhere', '']) {
      const reply = await call({ cmd: 'library_add', path })
      expect(reply.ok).toBe(false)
      expect(JSON.stringify(reply)).not.toContain('root:')
    }
  })

  test('from a frame inside the page is not heard (S8)', async () => {
    const heard = await inPage(async () => {
      const seen: string[] = []
      for (const source of ['/index.html', 'about:blank', 'data:text/html,hi']) {
        const frame = document.createElement('iframe')
        frame.src = source
        document.body.append(frame)
        await new Promise((done) => setTimeout(done, 300))
        try {
          seen.push(typeof (frame.contentWindow as unknown as { studio?: unknown }).studio)
        } catch {
          // The policy replaced the frame by one of another origin.
          seen.push('undefined')
        }
        frame.remove()
      }
      return seen
    })
    expect(heard).toEqual(['undefined', 'undefined', 'undefined'])
  })
})

test('a reload gives the page fresh frames, as bytes with the transport header', async () => {
  await desktop.page.reload()
  await desktop.page.waitForLoadState('load')
  const first = await inPage(
    () =>
      new Promise<{ kind: number; isBytes: boolean; spare: number }>((done) => {
        addEventListener('message', (event) => {
          const [port] = event.ports
          if ((event.data as { kind?: string }).kind !== 'tapedeck-frames' || port === undefined) return
          port.addEventListener('message', ({ data }: MessageEvent<Uint8Array>) => {
            done({ kind: data[0] ?? 0, isBytes: data instanceof Uint8Array, spare: data.buffer.byteLength - data.byteLength })
            port.postMessage({ grant: data.byteLength })
          })
          port.start()
        })
        ;(window as unknown as { studio: { openFrames(): void } }).studio.openFrames()
      })
  )
  expect(first).toEqual({ kind: 3, isBytes: true, spare: 0 })
})
