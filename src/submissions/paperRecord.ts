import type { BylineAuthor } from '../authors/author.service.js';
import { badInput } from '../errors.js';
import type { TagKind } from '../generated/prisma/enums.js';
import { checkedArxivId, checkedDoi, checkedList, checkedOrcid, checkedText, checkedUrl } from '../inputRules.js';
import { checkedRepoAddress, type RepoAddress } from '../repos/repoAddress.js';
import { checkedSlug, slugOf } from '../tags/slug.js';

/** A paper as a source has it: what is null or empty is not known there, and is left as it is where the paper exists. */
export interface PaperRecord {
  readonly title: string;
  readonly arxivId: string | null;
  readonly doi: string | null;
  readonly abstract: string | null;
  readonly publishedAt: Date | null;
  /** Null lists a new paper on the day of its publication, or now. */
  readonly listedAt: Date | null;
  readonly projectUrl: string | null;
  readonly statedAuthorCount: number | null;
  readonly originUpvoteCount: number | null;
  readonly arxivVersion: number | null;
  readonly withdrawnAt: Date | null;
  /** In the order of the byline. */
  readonly authors: readonly BylineAuthor[];
  readonly tags: readonly RecordTag[];
  readonly repos: readonly RecordRepo[];
  readonly submittedById: number | null;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

export interface RecordTag {
  readonly slug: string;
  readonly weight: number;
  /** What to make of it where there is no tag of this slug or alias; null where that is an error. */
  readonly made: { readonly name: string; readonly kind: TagKind } | null;
}

export interface RecordRepo {
  readonly address: RepoAddress;
  readonly isOfficial: boolean | null;
  readonly stars: number | null;
  readonly language: string | null;
}

/** What a source brings, before it is checked. */
export interface RawRecord {
  readonly title: string;
  readonly arxivId?: string | null | undefined;
  /** With or without its resolver. */
  readonly doi?: string | null | undefined;
  readonly abstract?: string | null | undefined;
  /** YYYY-MM-DD */
  readonly publishedOn?: string | null | undefined;
  /** YYYY-MM-DD */
  readonly listedOn?: string | null | undefined;
  readonly projectUrl?: string | URL | null | undefined;
  readonly statedAuthorCount?: number | null | undefined;
  readonly originUpvoteCount?: number | null | undefined;
  /** From 1. */
  readonly arxivVersion?: number | null | undefined;
  /** YYYY-MM-DD */
  readonly withdrawnOn?: string | null | undefined;
  /** Names in the order of the byline, with an ORCID where it is known. */
  readonly authors?: readonly (string | RawAuthor)[] | undefined;
  /** Tags by slug; an unknown one is an error. */
  readonly tags?: readonly { readonly slug: string; readonly weight: number }[] | undefined;
  /** Tags by name; an unknown one is made. */
  readonly namedTags?: readonly RawTag[] | undefined;
  readonly repos?: readonly RawRepo[] | undefined;
  readonly submittedById?: number | null | undefined;
  /** What else a source says: kept beside the paper, as it is. */
  readonly facts?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface RawAuthor {
  readonly name: string;
  /** With or without https://orcid.org/. */
  readonly orcid?: string | null | undefined;
}

export interface RawTag {
  readonly name: string;
  readonly kind: TagKind;
  /** What its name makes, when left out. */
  readonly slug?: string | undefined;
  /** Above 0, at most 1; 1 when left out. */
  readonly weight?: number | undefined;
}

export interface RawRepo {
  readonly url: string | URL;
  readonly isOfficial?: boolean | null | undefined;
  readonly stars?: number | null | undefined;
  /** Such as a framework's or a programming language's name. */
  readonly language?: string | null | undefined;
}

export const MAX_AUTHORS = 1000;
export const MAX_LINKS = 20;

/** The record with every rule of its fields checked; throws BAD_USER_INPUT for the first that is broken. */
export function checkedRecord(raw: RawRecord, now: Date): PaperRecord {
  return {
    ...checkedColumns(raw, now),
    authors: checkedByline(raw.authors ?? []),
    tags: [
      ...checkedList('tags', raw.tags ?? [], MAX_LINKS).map(({ slug, weight }) => ({ slug: checkedSlug('tags', slug), weight: checkedWeight(weight), made: null })),
      ...(raw.namedTags ?? []).map(checkedNamedTag),
    ],
    repos: checkedList('repos', raw.repos ?? [], MAX_LINKS).map(checkedRepo),
    submittedById: raw.submittedById ?? null,
    facts: raw.facts ?? null,
  };
}

/** The fields of the paper's own row. */
export function checkedColumns(raw: RawRecord, now: Date): Omit<PaperRecord, 'authors' | 'tags' | 'repos' | 'submittedById' | 'facts'> {
  return {
    title: checkedTitle(raw.title),
    arxivId: optional(raw.arxivId, (id) => checkedArxivId('arxivId', id)),
    doi: optional(raw.doi, (doi) => checkedDoi('doi', doi)),
    abstract: optional(raw.abstract, checkedAbstract),
    publishedAt: optional(raw.publishedOn, (day) => checkedDay('publishedOn', day, now)),
    listedAt: optional(raw.listedOn, (day) => checkedDay('listedOn', day, now)),
    projectUrl: optional(raw.projectUrl, (url) => checkedUrl('projectUrl', url)),
    statedAuthorCount: optional(raw.statedAuthorCount, (count) => checkedCount('authorCount', count, { min: 1, max: 10_000 })),
    originUpvoteCount: optional(raw.originUpvoteCount, (count) => checkedCount('originUpvoteCount', count, { min: 0, max: 1e9 })),
    arxivVersion: optional(raw.arxivVersion, (version) => checkedCount('arxivVersion', version, { min: 1, max: 9999 })),
    withdrawnAt: optional(raw.withdrawnOn, (day) => checkedDay('withdrawnOn', day, now)),
  };
}

export function checkedTitle(title: string): string {
  return checkedText('title', title.replace(/\s+/g, ' '), { min: 1, max: 500 });
}

export function checkedAbstract(abstract: string): string {
  return checkedText('abstract', abstract, { min: 1, max: 20_000 });
}

export function checkedByline(authors: readonly (string | RawAuthor)[]): BylineAuthor[] {
  return checkedList('authors', authors, MAX_AUTHORS).map((author) => {
    const { name, orcid = null } = typeof author === 'string' ? { name: author } : author;
    return {
      name: checkedText('authors', name.replace(/\s+/g, ' '), { min: 1, max: 200 }),
      orcid: optional(orcid, (id) => checkedOrcid('authors', id)),
    };
  });
}

/** A tag by its name, whose slug follows from it; throws BAD_USER_INPUT. */
export function checkedNamedTag({ name, kind, slug: given, weight = 1 }: RawTag): RecordTag {
  const text = checkedText('tags', name.replace(/\s+/g, ' '), { min: 1, max: 80 });
  const slug = given === undefined ? slugOf(text) : checkedSlug('tags', given);
  if (slug === '') throw badInput('tags', 'must have a Latin letter or a digit', name);
  return { slug, weight: checkedWeight(weight), made: { name: text, kind } };
}

export function checkedRepo({ url, isOfficial, stars, language }: RawRepo): RecordRepo {
  return {
    address: checkedRepoAddress('repos', url),
    isOfficial: isOfficial ?? null,
    stars: optional(stars, (count) => checkedCount('stars', count, { min: 0, max: 1e9 })),
    language: optional(language, (text) => checkedText('language', text, { min: 1, max: 80 })),
  };
}

/** Midnight UTC of a day that has begun; throws BAD_USER_INPUT. */
export function checkedDay(field: string, day: string, now: Date): Date {
  const date = new Date(`${day}T00:00:00.000Z`);
  const isDay = /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (!isDay) throw badInput(field, 'must be a day in the form YYYY-MM-DD', day);
  if (date.getUTCFullYear() < 1900 || date > now) throw badInput(field, 'must be between 1900-01-01 and today', day);
  return date;
}

function checkedWeight(weight: number): number {
  if (!(weight > 0 && weight <= 1)) throw badInput('weight', 'must be above 0 and at most 1', weight);
  return weight;
}

function checkedCount(field: string, count: number, { min, max }: { min: number; max: number }): number {
  if (!Number.isInteger(count) || count < min || count > max) throw badInput(field, `must be a whole number from ${min} to ${max}`, count);
  return count;
}

export function optional<Value, Result>(value: Value | null | undefined, check: (value: Value) => Result): Result | null {
  return value === null || value === undefined ? null : check(value);
}
