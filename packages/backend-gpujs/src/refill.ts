// Lets float textures be filled again in the package gl. Its release 9 gives them storage of a fixed size, so a second
// texImage2D, with which gpu.js uploads, fails with "invalid operation" and leaves the old numbers; texSubImage2D
// does what was meant, because the sizes of our arguments never change.

/** Changes a context that nobody else uses. */
export function allowRefilling(gl: WebGLRenderingContext): void {
  const filled = new WeakSet<WebGLTexture>();
  const fill = gl.texImage2D.bind(gl) as (...values: unknown[]) => void;
  gl.texImage2D = (...values: unknown[]) => {
    const [target, level, , width, height, , format, type, pixels] = values as number[];
    const texture = gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture | null;
    if (texture !== null && filled.has(texture)) {
      const data = pixels as unknown as ArrayBufferView;
      gl.texSubImage2D(target!, level!, 0, 0, width!, height!, format!, type!, data);
      return;
    }
    if (texture !== null) filled.add(texture);
    fill(...values);
  };
}
