import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import en from '../src/i18n/en.json'
import zh from '../src/i18n/zh.json'

type Tree = { [key: string]: string | string[] | Tree }

function paths(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' || Array.isArray(value) ? [prefix + key] : paths(value, `${prefix}${key}.`),
  )
}

function text(tree: Tree, path: string): string {
  const found = path.split('.').reduce<Tree | string | string[] | undefined>((at, key) => (at as Tree | undefined)?.[key], tree)
  return Array.isArray(found) ? found.join('') : String(found ?? '')
}

const blanks = (sentence: string) => [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort()

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

describe('the sentences', () => {
  it('are the same set in both languages', () => {
    expect(paths(en as Tree).sort()).toEqual(paths(zh as Tree).sort())
  })

  it('have the same blanks to fill in both languages', () => {
    const differ = paths(zh as Tree).filter((path) => blanks(text(zh, path)).join() !== blanks(text(en, path)).join())
    expect(differ).toEqual([])
  })

  it('exist for every key that the pages name outright', () => {
    const known = new Set(paths(zh as Tree))
    const asked = sources('src').flatMap((code) => [...code.matchAll(/\bt\('([\w.]+)'/g)].map((match) => match[1]!))
    expect(asked.length).toBeGreaterThan(60)
    expect(asked.filter((key) => !known.has(key))).toEqual([])
  })

  it('say every refusal that the server can make', () => {
    const server = readFileSync('../staff/texts/errors.yml', 'utf8')
    const codes = [...server.matchAll(/^(\w+):/gm)].map((match) => match[1]!).filter((code) => code !== 'method_not_allowed')
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((code) => !(code in zh.errors))).toEqual([])
  })

  it('lie in the language files, not in the code', () => {
    const code = sources('src').map((one) => one.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    // 中 is the button that switches to Chinese; 访客 is what the server calls people and the English page translates.
    const found = code.flatMap((one) => one.match(/[\u4e00-\u9fff]+/g) ?? []).filter((word) => !['中', '访客'].includes(word))
    expect(found).toEqual([])
  })
})
