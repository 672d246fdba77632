// The last page inside a frame: takes the whole window to where its link leads.
const link = document.querySelector('a[data-module="demo-leave-frame"]');
if (link && window.top !== window) window.top.location.assign(link.href);
