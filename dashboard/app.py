"""`streamlit run dashboard/app.py` from a checkout; Streamlit finds the app by this assignment."""

from streamlit.starlette import App

from alcore_dashboard.server import MAIN, ROUTES, lifespan, show_error

app = App(MAIN, routes=ROUTES, on_script_error=show_error, lifespan=lifespan)
