"""The pages of the web app, one module each: ``show`` renders the page, the other functions handle its forms."""
