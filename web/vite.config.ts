import { defineConfig } from 'vitest/config';

// The server to talk to while developing: `parley serve` on its default port.
const server = 'http://127.0.0.1:8080';

// Vite compiles TSX itself; there is no framework plugin. The page's
// Content-Security-Policy allows no inline script and no data: address, so
// nothing may be inlined into the page.
export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: 'dist',
    // Empties dist first; public/.keep then brings back the committed dist/.keep,
    // without which the Go package would not compile before the first build.
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome130', 'edge130', 'firefox130', 'safari17.5', 'ios17.5'],
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  // css: the contrast test reads the colours out of the stylesheet.
  test: { environment: 'node', css: true, include: ['test/**/*.test.ts', 'src/**/*.test.ts'] },
});
