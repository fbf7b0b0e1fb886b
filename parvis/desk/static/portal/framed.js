// In a frame: tell the page around how high we are, at every change. Nothing else is told, so anybody may hear it.
if (window.parent !== window) {
  let last = 0;
  const tell = () => {
    const height = document.body.scrollHeight;
    if (height !== last) window.parent.postMessage({ parvis: "height", height: (last = height) }, "*");
  };
  new ResizeObserver(tell).observe(document.body);
  tell();
}
