import { defineConfig } from "vite";

// `npm run dev` shows the page with changes at once; the service answers beside it.
const SERVICE = "http://127.0.0.1:8000";

export default defineConfig({
  base: "./",
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", sourcemap: false },
  server: { host: "127.0.0.1", proxy: { "/api": SERVICE } },
});
