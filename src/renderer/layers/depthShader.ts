import { AT_FLAGS, COLUMN, HALF_ROWS, ROWS } from '../stage/columnLevel.ts'

/** Places the unit quad at uRect (CSS pixels, y down) and gives each fragment its column in the tile and its row. */
export const depthVertex = /* glsl */ `
precision highp float;
in vec3 position;
uniform vec2 uSize;
uniform vec4 uRect;
uniform vec2 uColumns;
uniform vec2 uRows;
out vec2 vCell;
void main() {
  vec2 px = mix(uRect.xy, uRect.zw, position.xy);
  vCell = vec2(mix(uColumns.x, uColumns.y, position.x), mix(uRows.x, uRows.y, position.y));
  gl_Position = vec4(px.x / uSize.x * 2.0 - 1.0, 1.0 - px.y / uSize.y * 2.0, 0.0, 1.0);
}`

/**
 * One texel fetch for the cell, one for the column's flags: the cost of a fragment does not depend on how much history there is.
 * Texel i of a column holds rows 4i to 4i+3; a cell of 1, 2 or 4 rows therefore never spans two texels.
 */
export const depthFragment = /* glsl */ `
precision highp float;
precision highp sampler2D;
in vec2 vCell;
uniform sampler2D uDepth;
uniform sampler2D uLut;
uniform float uScale;
uniform int uRowsPerCell;
uniform int uLastColumn;
uniform float uDpr;
uniform float uRowPx;
out vec4 colour;

const vec3 EMPTY = vec3(0.036, 0.044, 0.058);
const vec3 VOID = vec3(0.055, 0.062, 0.076);

float cellOf(int column, int index) {
  vec4 rows = texelFetch(uDepth, ivec2(index >> 2, column), 0);
  int k = index & 3;
  if (uRowsPerCell == 1) return k == 0 ? rows.x : k == 1 ? rows.y : k == 2 ? rows.z : rows.w;
  vec2 low = abs(rows.x) > abs(rows.y) ? vec2(abs(rows.x), rows.x) : vec2(abs(rows.y), rows.y);
  vec2 high = abs(rows.z) > abs(rows.w) ? vec2(abs(rows.z), rows.z) : vec2(abs(rows.w), rows.w);
  if (uRowsPerCell == 2) return k < 2 ? low.y : high.y;
  return low.x > high.x ? low.y : high.y;
}

bool stripe(float along, float period, float width) {
  return mod(along / uDpr, period) < width;
}

vec3 hatched(vec3 base, int flags) {
  float rising = gl_FragCoord.x - gl_FragCoord.y;
  float falling = gl_FragCoord.x + gl_FragCoord.y;
  if ((flags & ${COLUMN.hole}) != 0) {
    base = mix(VOID, base, (flags & ${COLUMN.present}) != 0 ? 0.75 : 0.0);
    if (stripe(falling, 9.0, 1.4)) base = mix(base, vec3(0.34, 0.37, 0.42), 0.75);
  }
  if ((flags & ${COLUMN.untrusted}) != 0) {
    base *= 0.62;
    if (stripe(rising, 10.0, 2.2)) base = mix(base, vec3(0.86, 0.67, 0.30), 0.62);
  }
  if ((flags & ${COLUMN.gap}) != 0) {
    if (stripe(rising, 6.0, 2.4) || stripe(falling, 6.0, 1.2)) base = mix(base, vec3(0.90, 0.36, 0.55), 0.72);
  }
  return base;
}

void main() {
  int column = clamp(int(floor(vCell.x)), 0, uLastColumn);
  int flags = int(texelFetch(uDepth, ivec2(${AT_FLAGS >> 2}, column), 0).x + 0.5);
  if (flags == 0) discard;
  int index = int(floor(vCell.y + 0.5)) + ${HALF_ROWS};
  vec3 base = EMPTY;
  if ((flags & ${COLUMN.present}) != 0 && index >= 0 && index < ${ROWS}) {
    float size = cellOf(column, index);
    if (size != 0.0) {
      float t = pow(clamp(abs(size) / uScale, 0.0, 1.0), 0.42);
      base = texelFetch(uLut, ivec2(int(t * 255.0 + 0.5), size > 0.0 ? 0 : 1), 0).rgb;
    }
  }
  base = hatched(base, flags);
  if ((flags & ${COLUMN.carried}) != 0 && abs(vCell.y) * uRowPx < 1.0 && stripe(gl_FragCoord.x, 6.0, 3.0)) base = vec3(0.95, 0.95, 0.95);
  colour = vec4(base, 1.0);
}`
