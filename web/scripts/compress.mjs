// Writes a Brotli and a gzip copy beside each built file, so that the server
// only has to choose one. Usage: node scripts/compress.mjs DIR
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const compressible = new Set(['.css', '.html', '.ico', '.js', '.json', '.map', '.svg', '.txt', '.webmanifest']);
// Below this a copy saves less than its own headers cost.
const smallest = 256;

const root = process.argv[2];
if (!root) {
  console.error('usage: node scripts/compress.mjs DIR');
  process.exit(2);
}

const sums = new Map();
for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !compressible.has(extname(entry.name))) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const body = await readFile(path);
  if (body.length < smallest) continue;
  const small = brotliCompressSync(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  });
  await writeFile(`${path}.br`, small);
  await writeFile(`${path}.gz`, gzipSync(body, { level: 9 }));
  const kind = extname(entry.name);
  sums.set(kind, (sums.get(kind) ?? 0) + small.length);
}
for (const [kind, bytes] of sums) console.log(`${kind.padEnd(6)} ${(bytes / 1024).toFixed(1)} KB Brotli`);
