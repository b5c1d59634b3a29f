// The citizen's whereabouts: asked for on a press only, and made rough before they leave the page.

const OPTIONS = { enableHighAccuracy: false, timeout: 15_000, maximumAge: 300_000 };
/** Three decimals are about a hundred metres: enough for the nearest office, too rough for a front door. */
const DECIMALS = 3;

/** @returns {Promise<{latitude: number, longitude: number} | "refused" | "failed">} */
export function findLocation() {
  if (!navigator.geolocation) return Promise.resolve("failed");
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: rough(coords.latitude), longitude: rough(coords.longitude) }),
      (error) => resolve(error.code === error.PERMISSION_DENIED ? "refused" : "failed"),
      OPTIONS,
    );
  });
}

/** @param {number} degrees */
function rough(degrees) {
  return Number(degrees.toFixed(DECIMALS));
}
