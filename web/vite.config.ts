import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// Where the staff side listens while the pages are served by Vite; the built pages are served by the staff side itself.
const api = process.env.WEITING_STAFF_URL ?? 'http://127.0.0.1:8001'

export default defineConfig({
  base: './',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Messages are interpreted, not compiled with `new Function`: the pages run under a policy without unsafe-eval.
    __INTLIFY_JIT_COMPILATION__: true,
    __INTLIFY_DROP_MESSAGE_COMPILER__: false,
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (id.includes('tdesign')) return 'tdesign'
          if (id.includes('node_modules')) return 'vendor'
          return undefined
        },
      },
    },
  },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': { target: api, changeOrigin: true } } },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'], maxWorkers: 1, minWorkers: 1, css: false, server: { deps: { inline: [/tdesign/] } } },
})
