// Builds ../static/dist from this folder: `node build.mjs`. Everything it writes is ignored by git.
//
// The manifest names each built file and stamps the build with a hash of its sources, worked out in
// the same way by freshness.py, so that an old build is noticed without Node.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const out = resolve(here, '../static/dist');

// Keep these two lists equal to those in freshness.py.
const FOLDERS = ['platform/web', 'templates', 'crm', 'tenants'];
const ENDINGS = ['.css', '.js', '.mjs', '.txt', '.html', '.py', 'mark.svg', 'package-lock.json'];
const SKIPPED = new Set(['node_modules', 'static', '__pycache__', 'locale', 'migrations']);

function sourcesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesIn(path);
    return ENDINGS.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
  });
}

function hashOfSources() {
  const names = FOLDERS.flatMap((folder) => sourcesIn(join(root, folder)))
    .map((path) => relative(root, path).split(sep).join('/'))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const hash = createHash('sha256');
  for (const name of names) {
    hash.update(`${name}\0`);
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

function sprite() {
  const names = readFileSync(join(here, 'icons.txt'), 'utf8').split(/\s+/).filter(Boolean);
  const symbols = names.map((name) => {
    const svg = readFileSync(join(here, `node_modules/lucide-static/icons/${name}.svg`), 'utf8');
    const shapes = svg
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/[\s\S]*?<svg[\s\S]*?>/, '')
      .replace('</svg>', '')
      .replace(/\s+/g, ' ')
      .trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}

function styleSheet() {
  const target = join(out, 'app.css');
  const command = join(here, 'node_modules/@tailwindcss/cli/dist/index.mjs');
  const words = ['-i', join(here, 'css/app.css'), '-o', target, '--minify'];
  execFileSync(process.execPath, [command, ...words], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  const text = readFileSync(target);
  rmSync(target);
  return text;
}

const digest = (content) => createHash('sha256').update(content).digest('hex');

/** Writes `name` under a name that carries its hash, beside its gzip; answers its manifest entry. */
function publish(name, content) {
  const [stem, ending] = name.split(/\.(?=[^.]+$)/);
  return describe(`${stem}-${digest(content).slice(0, 10)}.${ending}`, Buffer.from(content));
}

function describe(file, content) {
  const packed = gzipSync(content, { level: 9 });
  writeFileSync(join(out, file), content);
  writeFileSync(join(out, `${file}.gz`), packed);
  return { file, sha256: digest(content), bytes: content.length, gzip: packed.length };
}

async function scripts() {
  const built = await esbuild.build({
    entryPoints: [join(here, 'js/app.js')],
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    outdir: out,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    write: false,
  });
  const parts = Object.entries(built.metafile.outputs);
  const importsOf = (file) => {
    const [, part] = parts.find(([path]) => basename(path) === file);
    return part.imports.filter((each) => each.kind === 'import-statement').map((each) => basename(each.path));
  };
  return built.outputFiles.map((output) => {
    const file = basename(output.path);
    const entry = describe(file, Buffer.from(output.contents));
    // Shared chunks keep their hashed names: there may be several, and only modules name them.
    const name = file.startsWith('chunk-') ? file : file.replace(/-[A-Z0-9]{8}\.js$/, '.js');
    return [name, { ...entry, imports: importsOf(file) }];
  });
}

const sources = hashOfSources();
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const files = {
  'icons.svg': publish('icons.svg', sprite()),
  'mark.svg': publish('mark.svg', readFileSync(join(here, 'mark.svg'))),
  'app.css': publish('app.css', styleSheet()),
};
Object.assign(files, Object.fromEntries(await scripts()));
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ sources, files }, null, 1)}\n`);
for (const [name, entry] of Object.entries(files)) {
  process.stdout.write(`${name.padEnd(14)} ${entry.bytes} bytes, ${entry.gzip} packed\n`);
}
