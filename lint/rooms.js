// Reads the table of floors: whose room a file is in, and whether one room may import another.
import { relative, sep } from "node:path";
import { FLOORS } from "./floors.js";

const ROOT = `${import.meta.dirname}/..`;

const PLACES = FLOORS.flatMap((floor, height) => floor.map((room) => ({ ...room, height })));

/**
 * A file's path as the table writes it.
 * @param {string} filename
 */
export function pathOf(filename) {
  return relative(ROOT, filename).split(sep).join("/");
}

/**
 * True of a place itself and of everything in it.
 * @param {string} path
 * @param {string} place
 */
export function isIn(path, place) {
  return path === place || path.startsWith(`${place}/`);
}

/**
 * The innermost room that a path is in.
 * @param {string} path
 */
export function roomOf(path) {
  const around = PLACES.map(({ room }) => room).filter((room) => isIn(path, room));
  return around.sort((one, other) => other.length - one.length)[0];
}

/**
 * Why a room may not import another; undefined if it may.
 * @param {string} from
 * @param {string} to
 */
export function objection(from, to) {
  if (from === to) return undefined;
  const importer = placeOf(from);
  const imported = placeOf(to);
  if (imported.height > importer.height) return "which stands on a higher floor";
  if (imported.height === importer.height) return "which stands beside it";
  if (imported.visitors?.includes(from) === false) {
    return `which is open to ${listed(imported.visitors)} only`;
  }
  if (importer.enters?.includes(to) === false) return "which is not among the few that it enters";
  return undefined;
}

/**
 * The rooms that a room may import, in words.
 * @param {string} from
 */
export function choiceOf(from) {
  const others = PLACES.map(({ room }) => room).filter((to) => to !== from);
  return listed(others.filter((to) => objection(from, to) === undefined));
}

/** @param {string} room */
function placeOf(room) {
  const place = PLACES.find((one) => one.room === room);
  if (place === undefined) throw new Error(`lint/floors.js has no room ${room}`);
  return place;
}

/** @param {readonly string[]} rooms */
function listed(rooms) {
  return rooms.length === 0 ? "nothing" : rooms.join(", ");
}
