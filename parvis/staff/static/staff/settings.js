// On a phone the list of settings is one line that scrolls: the page that is open stands in its middle.
const here = document.querySelector(".settings-nav [aria-current]");
const nav = here?.closest(".settings-nav");
if (nav && nav.scrollWidth > nav.clientWidth) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
